"""One number for what two texts share."""


def f1(shared: int, answer: int, reference: int) -> float:
    """Return the harmonic mean of precision and recall, in [0, 1]: 0 if either side is empty or nothing is shared.

    `shared` counts what is in both; it is at most `answer` and at most `reference`, the sizes of the two.
    """
    if not shared:
        return 0.0
    precision, recall = shared / answer, shared / reference
    return 2 * precision * recall / (precision + recall)
