"""Settings: one TOML file in `environments/` describes one model in one environment.

`load_environments(Path("environments"))` returns them all, checked, or raises `SettingsError` with every
problem. Nothing here needs a network or credentials.
"""

from stacks.settings.bootstrap import Bootstrap
from stacks.settings.load import load_environment, load_environments, load_one_environment
from stacks.settings.model import Data, Environment, Notifications, OnDemand, ProvisionedThroughput, Serving, Training
from stacks.settings.organization import Organization, Vpc
from stacks.settings.problems import Problem, SettingsError
from stacks.settings.whereabouts import Whereabouts, load_whereabouts

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
