"""What a report says, in the order in which it is read: the verdict first."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from bedrock_lifecycle.contract.evaluation_identity import TUNED
from bedrock_lifecycle.evaluation.results.gate import Judgment, Verdict
from bedrock_lifecycle.evaluation.results.numbers import counted, difference, score, share
from bedrock_lifecycle.evaluation.results.statistician import CONFIDENCE
from bedrock_lifecycle.evaluation.results.words import of_measure, of_unanswered
from bedrock_lifecycle.evaluation.scoring.definitions import JUDGE
from bedrock_lifecycle.evaluation.statistics.bootstrap import RESAMPLES, SEED
from bedrock_lifecycle.evaluation.statistics.comparison import POWER, Comparison, compare
from bedrock_lifecycle.evaluation.statistics.holm import adjusted
from bedrock_lifecycle.evaluation.statistics.intervals import Interval, Method, discordant
from bedrock_lifecycle.evaluation.statistics.sample import Sample
from bedrock_lifecycle.evaluation.stored.summary import Difference, Summary, TargetAnswers
from tune.metrics import picture, text
from tune.pictures import lines
from tune.report import charts
from tune.report.blocks import Block, Items, Paragraph, Picture, ReportDocument, Section, Table, Verbatim
from tune.report.charts import interval
from tune.report.facts import Asked, GateFacts, Outcomes, Report
from tune.terminal.counting import counted as number_of

_SIMULATED: Final = "[simulated]"
_INTERVAL: Final = f"{CONFIDENCE * 100:g} % interval"
_LIMITS: Final = (
    "The numbers are about these test records. They say nothing about questions that are not like them.",
    "Each record was answered once. The intervals cover other records, not other answers to the same record.",
    "A score compares an answer with the reference answer of its record. A good answer in other words scores less.",
    "The slices and the worst records were not chosen before: use them to look for causes, not as evidence.",
)


def document(its: Report) -> ReportDocument:
    """Return a report as what it says."""
    numbers = its.numbers
    facts = [
        f"{numbers.records:,} of {numbers.of:,} records",
        f"evaluation {numbers.evaluation}",
        f"model {numbers.model}",
        f"measured {datetime.fromisoformat(numbers.made):%Y-%m-%d %H:%M} UTC",
        *([f"{_SIMULATED} answers"] if its.is_simulated else []),
    ]
    sections = [
        Section("verdict", "Verdict", list(_verdict(its))),
        *_section("warnings", "Caveats", [Items(numbers.warnings)] if numbers.warnings else []),
        *_section("scores", "Scores", list(_scores(numbers))),
        *_section("differences", "Tuned model against the others", list(_differences(numbers))),
        *_section("outcomes", "Where the models differ", list(_outcomes(numbers, its.outcomes)), is_detail=True),
        *_section("length", "By length of the reference answer", list(_slices(numbers, "length")), is_detail=True),
        *_section("group", "By group", list(_slices(numbers, "group")), is_detail=True),
        Section("loss", "Loss of the training run", list(_loss(its)), is_detail=True),
        Section("answers", "Tokens and answers", list(_answers(its)), is_detail=True),
        *_section("worst", "Worst records", list(_worst(numbers)), is_detail=True),
        *_section("content", "Worst records in words", list(_content(its)), is_detail=True),
        Section("method", "How it was computed", list(_method(its)), is_detail=True),
        Section("limits", "What this does not show", [Items(_LIMITS)], is_detail=True),
    ]
    return ReportDocument(f"Evaluation of {its.model} in {its.environment}", facts, sections)


def _section(name: str, title: str, blocks: Sequence[Block], *, is_detail: bool = False) -> Iterator[Section]:
    if blocks:
        yield Section(name, title, blocks, is_detail)


def _verdict(its: Report) -> Iterator[Block]:
    if not its.numbers.is_complete:
        yield Paragraph(
            f"The evaluation is not complete: {its.numbers.records:,} of {its.numbers.of:,} records were asked of "
            "every model. A gate never passes on these scores.",
            is_strong=True,
        )
    if its.has_failed:
        yield Paragraph(
            f"The run failed: {of_unanswered(its.numbers)}. A gate never passes on these scores, which say more about "
            "the errors than about the model. Deploy again: it asks these records again, without those that were "
            "filtered.",
            is_strong=True,
        )
    if its.gate is None:
        yield Paragraph("No gate is known for this evaluation.")
        return
    yield Paragraph(verdict_in_words(its.gate), is_strong=True)
    if its.gate.judged is None:
        return
    confidence = f"{its.gate.judged.confidence * 100:g} %"
    columns = ["requirement", "verdict", "measured", "lower bound", "upper bound", "required", "records", "needs about"]
    rows = [_requirement(each) for each in its.gate.judged.judgments]
    if not any(each[-1] for each in rows):
        columns, rows = columns[:-1], [each[:-1] for each in rows]
    yield Table(f"Requirements; each bound holds with {confidence}", columns, rows, words=(0, 1))


def verdict_in_words(gate: GateFacts) -> str:
    """Return what a gate says, without the numbers."""
    verdict, found = gate.verdict, gate.judged
    if found is None:
        return f"No verdict: {verdict.told}."
    passed = sum(each.verdict is Verdict.PASSED for each in found.judgments)
    words = f"The gate says {found.verdict}: {passed} of {len(found.judgments)} requirements passed."
    if verdict.is_accepted:
        return f"{words} The result is accepted until {verdict.accepted_until}."
    return f"{words} It was accepted until {verdict.accepted_until}." if verdict.is_expired else words


def _requirement(its: Judgment) -> tuple[str, ...]:
    written = score if its.requirement.against is None else difference
    return (
        of_measure(its.requirement.measure, its.requirement.against),
        its.verdict,
        written(its.estimate),
        written(its.low),
        written(its.high),
        f">= {written(its.requirement.threshold)}",
        f"{its.records:,}",
        f"{its.needed:,} records" if its.needed else "",
    )


def _scores(numbers: Summary) -> Iterator[Block]:
    yield from map(Picture, charts.of_scores(numbers))
    rows = [
        (measure, target.name, *_interval(interval(sample), sample, signed=False))
        for measure in charts.measures(numbers)
        for target in numbers.targets
        if (sample := charts.scored(numbers, target.name, measure))
    ]
    if rows:
        yield Table("Scores", ("measure", "model", "score", _INTERVAL, "records", "method"), rows, (0, 1, 5))


def _interval(its: Interval, sample: Sample, *, signed: bool) -> tuple[str, ...]:
    written = difference if signed else score
    groups = f" in {sample.clusters:,} groups" if sample.clusters < sample.records else ""
    promised = "" if its.coverage_is_promised or its.method is Method.BOUNDED else ", coverage not promised"
    return (
        written(its.estimate),
        f"[{written(its.low)}, {written(its.high)}]",
        f"{sample.records:,}{groups}",
        f"{its.method}{promised}",
    )


def compared(numbers: Summary) -> list[tuple[Difference, Comparison, float]]:
    """Return every difference with its comparison and the p-value, adjusted for all of them."""
    found = [compare(each.sample, CONFIDENCE) for each in numbers.differences]
    return list(zip(numbers.differences, found, adjusted([each.p_value for each in found]), strict=True))


def _differences(numbers: Summary) -> Iterator[Block]:
    yield from map(Picture, charts.of_differences(numbers))
    rows = []
    for told, its, p_value in compared(numbers):
        estimate, bounds, records, method = _interval(its.difference, told.sample, signed=True)
        p_in_words = "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"
        name = of_measure(told.measure, told.theirs)
        rows.append((name, estimate, bounds, p_in_words, score(its.detectable), records, method))
    if rows:
        columns = ("difference", "estimate", _INTERVAL, "p (Holm)", "seen from", "records", "method")
        yield Table("Paired differences", columns, rows, (0, 6))
        yield Paragraph(
            f"“Seen from” is the smallest true difference that {POWER * 100:g} % of such evaluations would show."
        )


def _outcomes(numbers: Summary, counted_ones: Sequence[Outcomes]) -> Iterator[Block]:
    found = {(each.theirs, each.measure): each for each in counted_ones}
    rows = []
    for each in numbers.differences:
        if each.both is not None:
            yield Table(
                f"{each.measure}: {TUNED} and {each.theirs}",
                ("", f"{TUNED} right", f"{TUNED} wrong"),
                [
                    (f"{each.theirs} right", f"{each.both:,}", f"{each.theirs_only or 0:,}"),
                    (f"{each.theirs} wrong", f"{each.ours or 0:,}", f"{each.neither or 0:,}"),
                ],
            )
        elif told := of_judge(each) or found.get((each.theirs, each.measure)):
            counts = (told.better, told.equal, told.worse)
            rows.append((each.measure, each.theirs, *(f"{number:,}" for number in counts)))
    if rows:
        columns = ("measure", "against", f"{TUNED} better", "equal", f"{TUNED} worse")
        yield Table("Records by which model scores higher", columns, rows, words=(0, 1))
    for its in numbers.judge:
        asked = its.agreed + its.flipped + its.no_verdict
        yield Paragraph(
            f"The judge compared {asked:,} pairs of {TUNED} and {its.theirs}: the same verdict in both orders in "
            f"{its.agreed:,} ({share(its.agreed, asked)}), another one in {its.flipped:,}, none in {its.no_verdict:,}. "
            f"{its.unasked:,} more pairs needed no judge."
        )


def of_judge(its: Difference) -> Outcomes | None:
    """Return the outcomes of a judge's verdicts, which are in the sums; None for another measure, and in groups."""
    if its.measure != JUDGE or not its.sample.is_of_rates:
        return None
    better, worse = discordant(its.sample)
    equal = its.sample.records - better - worse
    return Outcomes(theirs=its.theirs, measure=its.measure, better=better, equal=equal, worse=worse)


def _slices(numbers: Summary, by: str) -> Iterator[Block]:
    yield from map(Picture, charts.of_slices(numbers, by))
    by_target = {each.name: charts.sliced(numbers, by, each.name) for each in numbers.targets}
    what = "characters" if by == "length" else "group"
    for measure, its in by_target[TUNED].items():
        rows = []
        for place, each in enumerate(its):
            cells = [_short(found[measure][place].sample) for found in by_target.values() if measure in found]
            rows.append((each.label, f"{each.sample.records:,}", *cells))
        yield Table(f"{measure}, with {_INTERVAL}s", (what, "records", *by_target), rows)
    if by == "group" and by_target[TUNED]:
        yield Paragraph("A group is named by a digest of what its records have in common; the largest come first.")


def _short(sample: Sample) -> str:
    its = interval(sample)
    return f"{score(its.estimate)} [{score(its.low)}, {score(its.high)}]"


def _loss(its: Report) -> Iterator[Block]:
    if its.training is None:
        yield Paragraph(f"Not shown: {its.no_training}.")
        return
    if chart := picture.chart(its.training):
        yield Picture(lines.drawn(chart))
    yield from map(Paragraph, text.sentences(its.training))


def _answers(its: Report) -> Iterator[Block]:
    numbers = its.numbers
    bound = f" of at most {its.asked.max_tokens:,}" if its.asked else ""
    throttled = f" {numbers.throttled:,} requests were throttled and repeated." if numbers.throttled else ""
    yield Paragraph(f"{numbers.tokens:,} tokens{bound} were counted.{throttled}")
    columns = ["model", "asked as", "answers", "no answer", "input tokens", "output tokens", "tokens an answer"]
    columns += ["cut at the bound", "half within", "95 % within"]
    yield Table("Answers of each model", columns, [_answered(each) for each in numbers.targets], words=(0, 1))
    errors = [f"{each.name}: {counted(each.errors)}" for each in numbers.targets if each.errors]
    if errors:
        yield Paragraph("Errors in place of an answer, which score 0:")
        yield Items(errors)


def _answered(its: TargetAnswers) -> tuple[str, ...]:
    return (
        its.name,
        its.model,
        f"{its.answered:,}",
        f"{its.unanswered:,}",
        f"{its.input_tokens:,}",
        f"{its.output_tokens:,}",
        f"{its.output_tokens / its.answered:,.0f}" if its.answered else "",
        f"{its.stop_reasons.get('max_tokens', 0):,}",
        *("" if each is None else f"{each:,} ms" for each in (its.latency_p50, its.latency_p95)),
    )


def _worst(numbers: Summary) -> Iterator[Block]:
    if numbers.worst:
        columns = ("measure", "against", "line of the test file", "difference")
        rows = [(each.measure, each.theirs, f"{each.record}", difference(each.difference)) for each in numbers.worst]
        yield Table("Where the tuned model is the furthest behind", columns, rows, words=(0, 1))


def _content(its: Report) -> Iterator[Block]:
    for each in its.contents or ():
        yield Verbatim(f"Line {each.record}: question", each.question)
        yield Verbatim(f"Line {each.record}: reference answer", each.reference)
        for name, answer in each.answers.items():
            yield Verbatim(f"Line {each.record}: answer of {name}", "no answer" if answer is None else answer)


def _method(its: Report) -> Iterator[Block]:
    numbers = its.numbers
    yield Items([*_of_data(numbers, its.asked), *_of_statistics(its)])


def _of_data(numbers: Summary, asked: Asked | None) -> Iterator[str]:
    yield f"Test file: SHA-256 {numbers.test_sha256}, looked at by {number_of(numbers.looks, 'evaluation')} so far."
    if asked is None:
        yield "Metrics and questions: not known any more."
        return
    inputs = asked.inputs
    drawn = (
        "every one" if inputs.questions.records is None else f"{inputs.questions.records:,}, drawn with a fixed seed"
    )
    yield f"Records: {drawn}; {_grouped(inputs.questions.group_by)}."
    yield f"Answers: one for each record and model, temperature 0, at most {inputs.max_output_tokens:,} output tokens."
    yield f"Metrics: {', '.join(map(metric_version, inputs.metrics))}."
    if judge := inputs.judge:
        yield f"Judge: {judge.model}, both orders of {judge.records:,} records, rubric SHA-256 {judge.rubric_sha256}."


def _grouped(field: str | None) -> str:
    return f"grouped by the field {field}" if field else "each record stands for itself"


def metric_version(definition: str) -> str:
    """Return a metric's name and version; of its options only what quotes nothing: a schema is not shown."""
    told = json.loads(definition)
    normalized = told.get("normalize")
    options = f" (normalized: {', '.join(map(str, normalized))})" if normalized else ""
    return f"{told['name']} version {told['version']}{options}"


def _of_statistics(its: Report) -> Iterator[str]:
    numbers = its.numbers
    samples = [sample for found in numbers.scores.values() for sample in found.values()]
    samples += [each.sample for each in numbers.differences]
    samples += [each.sample for each in numbers.slices]
    methods = {interval(each).method for each in samples}
    if methods:
        yield f"Intervals: two-sided at {CONFIDENCE * 100:g} %, {'; '.join(sorted(methods))}."
    if Method.BOOTSTRAP in methods:
        yield f"Bootstrap: seed {SEED}, {RESAMPLES:,} resamples."
    if numbers.differences:
        yield (
            "p-values: exact McNemar test for measures that are 0 or 1, otherwise signs changed by chance; adjusted "
            f"for all {len(numbers.differences)} differences (Holm)."
        )
    if its.gate and its.gate.judged:
        yield (
            f"Gate: a requirement passes if its lower bound, one-sided at {its.gate.judged.confidence * 100:g} %, is "
            "at the threshold or above. All must pass."
        )
