"""Entry point of `python -m bench.synth`."""

from bench.synth.report import main

if __name__ == "__main__":
    main()
