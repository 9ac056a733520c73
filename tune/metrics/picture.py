"""The losses of trainings as a chart."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from bedrock_lifecycle.resources.metrics_files import Losses, TrainingStep
from tune.metrics.training import TrainingLosses
from tune.metrics.words import told
from tune.pictures.lines import ChartLine, LineChart, Panel, Point
from tune.terminal.counting import counted

_MOST_STEPS: Final = 300
_NAME: Final = "training-loss"
_EPOCH: Final = "epoch"

Numbers = tuple[tuple[int, float], ...]


def chart(training: TrainingLosses) -> LineChart | None:
    """Return the chart of one training; None where it has no loss."""
    losses = training.losses
    lines = list(_lines(losses))
    if not lines:
        return None
    together = _together(losses.steps)
    thin = f"the thin line is {'each step' if together == 1 else f'the mean of {together} steps'}"
    panel = Panel("loss", tuple(lines), note=thin if lines[0].behind else "")
    return LineChart(_NAME, f"Training {training.name}", _described(losses), _EPOCH, (panel,))


def side_by_side(trainings: Sequence[TrainingLosses]) -> LineChart | None:
    """Return a chart of several trainings, of which those without a loss are left out; None where all are."""
    panels = [
        panel
        for title, numbers, marks in (
            ("validation loss", lambda losses: losses.validated, True),
            ("training loss", lambda losses: losses.trained, False),
        )
        if (panel := _panel(title, trainings, numbers, marks=marks))
    ]
    drawn = [its for its in trainings if its.losses.epochs]
    if not panels:
        return None
    described = " ".join(f"{its.id}: {_described(its.losses)}" for its in drawn)
    title = f"{counted(len(drawn), 'training run')} side by side"
    return LineChart(_NAME, title, described, _EPOCH, tuple(panels))


def _lines(losses: Losses) -> Iterator[ChartLine]:
    if losses.trained:
        yield ChartLine("training", _points(losses.trained), behind=tuple(_behind(losses.steps)))
    if losses.validated:
        index = _lowest(losses.validated)
        epoch, loss = losses.validated[index]
        yield ChartLine(
            "validation", _points(losses.validated), lowest=index, lowest_name=f"lowest: epoch {epoch} ({told(loss)})"
        )


def _panel(
    title: str, trainings: Sequence[TrainingLosses], numbers: Callable[[Losses], Numbers], *, marks: bool
) -> Panel | None:
    """Return the same losses of several trainings; each keeps its style in every panel."""
    shown = [(style, its, of_its) for style, its in enumerate(trainings) if (of_its := numbers(its.losses))]
    if not shown:
        return None
    lines = tuple(
        ChartLine(its.id, _points(of_its), lowest=_lowest(of_its) if marks else None) for _, its, of_its in shown
    )
    note = "the lowest of each in a ring" if marks else ""
    return Panel(title, lines, tuple(style for style, _, _ in shown), note)


def _points(numbers: Numbers) -> tuple[Point, ...]:
    return tuple((float(epoch), loss) for epoch, loss in numbers)


def _lowest(numbers: Numbers) -> int:
    return min(range(len(numbers)), key=lambda each: numbers[each][1])


def _behind(steps: Sequence[TrainingStep]) -> Iterator[Point]:
    """Yield every step at its share of its epoch; of very many the means of neighbours."""
    by_epoch: dict[int, list[float]] = {}
    for step in steps:
        by_epoch.setdefault(step.epoch, []).append(step.loss)
    together = _together(steps)
    if len(steps) == len(by_epoch):
        return  # each is its epoch's mean
    for epoch, losses in sorted(by_epoch.items()):
        for start in range(0, len(losses), together):
            some = losses[start : start + together]
            yield epoch - 1 + (start + len(some)) / len(losses), sum(some) / len(some)


def _together(steps: Sequence[TrainingStep]) -> int:
    """Return how many neighbours are drawn as one."""
    return -(-len(steps) // _MOST_STEPS)


def _described(losses: Losses) -> str:
    """Say what the chart shows, for whoever does not see it."""
    parts = [
        f"{name} loss {told(numbers[0][1])} in epoch {numbers[0][0]}, {told(numbers[-1][1])} in epoch {numbers[-1][0]}"
        for name, numbers in (("training", losses.trained), ("validation", losses.validated))
        if numbers
    ]
    best = losses.best
    if best is not None and best.validation_loss is not None:
        parts.append(f"lowest validation loss {told(best.validation_loss)} after epoch {best.number}")
    return f"{'; '.join(parts)}."
