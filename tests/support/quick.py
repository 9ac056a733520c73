"""Settings of a simulated Bedrock in which nothing takes long: for tests of what is done."""

from datetime import timedelta

from sandbox.bedrock import Durations, Quotas, Settings


def quick(each: timedelta = timedelta(seconds=30), *, units: int = 10, training: timedelta | None = None) -> Settings:
    """Return settings in which everything takes `each`, a training `training`, and the quota is `units` model units."""
    durations = Durations(
        validation=each,
        data_processing=each,
        training=training or each,
        throughput_creation=each,
        throughput_update=each,
        deployment_creation=each,
        deployment_update=each,
    )
    return Settings(durations=durations, quotas=Quotas(custom_model_units=units))
