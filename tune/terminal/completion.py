"""What a shell completes: commands, options, and the names of environments and models.

`python -m tune` is not one word, which is all that shells complete. So the script also defines `tune` as a function.
Names are read from the file system alone: settings may be wrong, and reading them takes longer than a person waits.
"""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tune.terminal.folders import DEFAULT_FOLDER, ROOT

VARIABLE: Final = "_TUNE_COMPLETE"
"""What asks `python -m tune` for completions in place of a command."""
_ENVIRONMENT_FILE: Final = "environment.toml"
_SCRIPTS: Final[Mapping[str, str]] = {
    "bash": """tune() {{ {run} "$@"; }}
_tune_completion() {{
    local IFS=$'\\n'
    COMPREPLY=( $(COMP_WORDS="${{COMP_WORDS[*]}}" COMP_CWORD=$COMP_CWORD {variable}=complete_bash {run}) )
}}
complete -o default -F _tune_completion tune
""",
    "zsh": """tune() {{ {run} "$@" }}
_tune_completion() {{
    eval $(_TYPER_COMPLETE_ARGS="${{words[1,$CURRENT]}}" {variable}=complete_zsh {run})
}}
(( $+functions[compdef] )) || {{ autoload -Uz compinit && compinit }}
compdef _tune_completion tune
""",
    "fish": """function tune; {run} $argv; end
function _tune_completion
    {variable}=complete_fish _TYPER_COMPLETE_FISH_ACTION=$argv[1] _TYPER_COMPLETE_ARGS=(commandline -cp) {run}
end
complete --command tune --no-files --arguments '(_tune_completion get-args)' --condition '_tune_completion is-args'
""",
}


def script(shell: str) -> str:
    """Return the lines with which a shell knows `tune` and completes it: source them, or put them into its profile."""
    run = " ".join(["env", shlex.quote(f"PYTHONPATH={ROOT}"), shlex.quote(sys.executable), "-m", "tune"])
    return _SCRIPTS[shell].format(run=run, variable=VARIABLE)


def environment_names(ctx: Any, incomplete: str) -> list[str]:
    """Return the environments that begin so."""
    return sorted(
        each.parent.name
        for each in _folder(ctx).glob(f"*/{_ENVIRONMENT_FILE}")
        if each.parent.name.startswith(incomplete)
    )


def model_names(ctx: Any, incomplete: str) -> list[str]:
    """Return the models that begin so, of the environment that is named before."""
    environment = ctx.params.get("name") or ctx.params.get("environment")
    if not isinstance(environment, str) or not environment:
        return []
    return sorted(
        each.stem
        for each in (_folder(ctx) / environment).glob("*.toml")
        if each.name != _ENVIRONMENT_FILE and each.stem.startswith(incomplete)
    )


def _folder(ctx: Any) -> Path:
    return Path(ctx.params.get("folder") or DEFAULT_FOLDER)
