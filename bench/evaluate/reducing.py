"""Reduce in a process of its own: prints how it ended, how many pairs were judged, and the most memory it has had."""

import json
import sys
from pathlib import Path

from bedrock_lifecycle.contract.evaluation_store import summary_key
from bedrock_lifecycle.evaluation.results.summarizing import summarize
from bedrock_lifecycle.evaluation.stored.shards import read_index, read_plan
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.evaluation.stored.summary import Summary
from bench.evaluate.folder_s3 import BUCKET, FolderS3
from bench.peak import peak_kibibytes


def main() -> None:
    folder, evaluation = sys.argv[1:]
    store = Store(FolderS3(Path(folder)), BUCKET)  # type: ignore[arg-type]
    plan = read_plan(store, evaluation)
    how = summarize(store, plan, read_index(store, plan), tokens=0, throttled=0, made="2026-01-01T00:00:00+00:00")
    peak = peak_kibibytes() * 1024
    body = store.found(summary_key(plan.id))
    judge = Summary.from_json(body).judge if body else ()
    judged = sum(each.agreed + each.flipped + each.no_verdict for each in judge)
    print(json.dumps({"outcome": how.outcome, "reason": how.reason, "judged": judged, "peak_bytes": peak}))  # noqa: T201


if __name__ == "__main__":
    main()
