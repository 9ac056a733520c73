"""What is assumed of AWS because AWS does not document it, and what accounts have answered.

`entries/` is the register: one table for each assumption. The simulated Bedrock behaves as the register says, or as a
file of answers does; `tune probe` asks an account and writes such a file.
"""
