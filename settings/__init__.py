"""Settings: one TOML file in `environments/` describes one model in one environment.

`load_environments(Path("environments"))` returns them all, checked, or raises `SettingsError` with every
problem. Nothing here needs a network or credentials.
"""

from settings.bootstrap import Bootstrap
from settings.load import load_environment, load_environments, load_one_environment
from settings.location import Whereabouts, load_whereabouts
from settings.model import Data, Environment, Notifications, OnDemand, ProvisionedThroughput, Serving, Training
from settings.organization import Organization, Vpc
from settings.problems import Problem, SettingsError

__all__ = [
    "Bootstrap",
    "Data",
    "Environment",
    "Notifications",
    "OnDemand",
    "Organization",
    "Problem",
    "ProvisionedThroughput",
    "Serving",
    "SettingsError",
    "Training",
    "Vpc",
    "Whereabouts",
    "load_environment",
    "load_environments",
    "load_one_environment",
    "load_whereabouts",
]
