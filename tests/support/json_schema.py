"""Documents and a JSON schema, judged by Ajv, which shares no code with what wrote either."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.conftest import ROOT

_SCRIPT: Final = """
const Ajv = require('ajv/dist/2020');
const [schema, documents] = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const check = new Ajv({allErrors: true}).compile(schema);
process.stdout.write(JSON.stringify(documents.map(each => check(each) ? [] :
  check.errors.map(error => `${error.instancePath} ${error.message}`))));
"""


def problems(schema: Mapping[str, Any], documents: Sequence[Any]) -> list[list[str]]:
    """Return what is wrong with each document."""
    done = subprocess.run(
        ["node", "-e", _SCRIPT],
        input=json.dumps([schema, documents]),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[list[str]] = json.loads(done.stdout)
    return found
