"""How losses are written."""


def told(loss: float) -> str:
    """Return a loss in four digits, which is more than two trainings differ by without a reason."""
    return f"{loss:.4g}"


def written(loss: float | None) -> str:
    """Return a loss as tables have it; nothing where there is none."""
    return "" if loss is None else f"{loss:.4f}"
