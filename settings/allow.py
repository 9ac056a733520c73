"""`[allow]`: what an environment may do, whichever models there are in it."""

from settings.fields import AskedModels, EnvironmentNames, Flag, ModelKeyArns
from settings.problems import SettingsTable


class Allow(SettingsTable):
    """`[allow]`: the rights of Foundation's functions. A model that needs more is refused at synth.

    Deployments on demand are always allowed: nothing is bought for them.

    train: default true; false makes an environment that only serves models, and whose roles cannot train.
    buy: default false; true allows to buy Provisioned Throughput, which is billed by the hour.
    delete_models: default false; true allows `[serving] keep_models`, which deletes older models for good.
    model_key_arns: 1 to 10 keys of the Region, beside the environment's own, whose models are served: the key of a
        model from another environment, or the one that this environment had before. Default: none.
    promote_from: 1 to 10 environments of this folder, in the same account and Region, whose models are promoted to this
        one. It must not train or delete models then. Default: none.
    bake: default false; true allows `[serving.bake]`, which asks what serves, paid by the token.
    evaluate_with: 1 to 20 models that evaluations may ask beside the tuned one, paid by the token: "base" for the base
        model of each, or IDs of foundation models and inference profiles. Default: none, and nothing is evaluated.
    """

    train: Flag = True
    buy: Flag = False
    delete_models: Flag = False
    model_key_arns: ModelKeyArns = ()
    promote_from: EnvironmentNames = ()
    bake: Flag = False
    evaluate_with: AskedModels = ()
