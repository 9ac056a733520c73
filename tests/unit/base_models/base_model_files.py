"""A team's own base model, as one file."""

from pathlib import Path

OWN_ID = "acme.writer-7b-v1:0:32k"

OWN = """
id = "acme.writer-7b-v1:0:32k"
name = "Acme Writer"
foundation_model_id = "acme.writer-7b-v1:0"
regions = ["eu-central-1"]
regions_source = "https://example.com/regions"

[customizations.FINE_TUNING.data]
format = "messages"
tokens_per_record = { max = 8_000 }
source = "https://example.com/data"

[customizations.FINE_TUNING.data.records]
train = { min = 2, max = 50 }

[customizations.FINE_TUNING.data.reserved_words]
words = ["<secret>"]
roles = ["user"]
source = "https://example.com/data"

[customizations.FINE_TUNING.hyper_parameters]
source = "https://example.com/hyper-parameters"

[customizations.FINE_TUNING.hyper_parameters.known.epochCount]
meaning = "passes over the training data"
type = "integer"
min = 1
max = 3
default = 2

[serving.provisioned_throughput]
no_commitment_model_units_quota_code = "L-BE77399C"
source = "https://example.com/quotas"

[invocation]
format = "converse"
converse = "chat"
source = "https://example.com/converse"
"""


def write_base_model(environments: Path, text: str = OWN, *, name: str = "acme.toml") -> Path:
    """Write a profile where a team has its own, and return its path."""
    path = environments / "base_models" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
