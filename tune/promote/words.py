"""What training a model once more costs, by its nature."""

from settings import Model


def of_training(model: Model, taker: str) -> str:
    """Return what a deploy does where the inputs of a model are trained again."""
    if model.training is None:
        raise AssertionError("it is trained")
    epochs = model.training.hyper_parameters.get("epochCount", "Bedrock's default number of")
    return (
        f"The next deploy trains {model.training.base_model} again in {taker}, in {epochs} epochs: billed once by the "
        "tokens of the training data times the epochs, then by the month for storing the model. It is a different "
        f"model from that of {model.environment.name}, with other weights. Data that is named by sha256 alone has to "
        "be pushed there first. To train it, review the change, then:"
    )
