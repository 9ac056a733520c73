"""A local AWS with a Bedrock that behaves: MiniStack and a simulation, for the demo and the tests."""
