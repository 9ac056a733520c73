"""Keys that a finding may name, as many datasets have them. No other is: a key that a record made up is its content."""

from typing import Final

_NAMES: Final = """
annotations answer cachePoint candidates category chosen completion context conversation conversation_id conversations
created_at custom_id dataset document function_call functions guardContent id image index input instruction label
language messages metadata model name output parallel_tool_calls preferenceLabel prompt question reasoningContent
reference_answer refusal rejected response role schemaVersion score source split system tags task text timestamp title
token_count toolConfig toolResult toolUse tool_call_id tool_calls tools topic type url user uuid version video weight
"""

KNOWN_KEYS: Final = frozenset(_NAMES.split())
