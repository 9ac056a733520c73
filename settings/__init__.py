"""Settings: `<environment>/environment.toml` is one environment, each file beside it one model in it.

`load_environments(Path("environments"))` returns them all, checked, or raises `SettingsError` with every
problem. Nothing here needs a network or credentials.
"""

from settings.access import Access
from settings.allow import Allow
from settings.app import Pipeline
from settings.bootstrap import Bootstrap
from settings.environment import Environment, Notifications
from settings.evaluation import Evaluation, Judge
from settings.gate import Accept, Gate
from settings.load import EnvironmentSettings, load_environment, load_environments, load_model
from settings.location import EnvironmentLocation, load_app, load_pipeline, locate
from settings.model import Model
from settings.organization import Organization, Vpc
from settings.problems import SettingsError, SettingsProblem
from settings.serving import Bake, OnDemand, ProvisionedThroughput, Serving
from settings.training import Data, Promotion, Training

__all__ = [
    "Accept",
    "Access",
    "Allow",
    "Bake",
    "Bootstrap",
    "Data",
    "Environment",
    "EnvironmentLocation",
    "EnvironmentSettings",
    "Evaluation",
    "Gate",
    "Judge",
    "Model",
    "Notifications",
    "OnDemand",
    "Organization",
    "Pipeline",
    "Promotion",
    "ProvisionedThroughput",
    "Serving",
    "SettingsError",
    "SettingsProblem",
    "Training",
    "Vpc",
    "load_app",
    "load_environment",
    "load_environments",
    "load_model",
    "load_pipeline",
    "locate",
]
