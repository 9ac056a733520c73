"""Which functions of a module become records."""

from pathlib import Path

import pytest

from examples.stdlib_functions import functions_of, stdlib_functions, stdlib_root

SUMMARY = "Return the sum of both numbers."


def module(body: str = "total = a + b\n    return total", docstring: str = SUMMARY, before: str = "") -> bytes:
    return f'{before}def add(a, b):\n    """{docstring}"""\n\n    {body}\n'.encode()


def test_takes_the_source_without_the_docstring_and_the_line_after_it() -> None:
    (function,) = functions_of("numbers", module())
    assert function.source == "def add(a, b):\n    total = a + b\n    return total"
    assert (function.module, function.name, function.summary) == ("numbers", "add", SUMMARY)


def test_keeps_decorators_and_empty_lines_of_the_body() -> None:
    (function,) = functions_of("m", module(body="a += 1\n\n    return a + b", before="@cache\n"))
    assert function.source == "@cache\ndef add(a, b):\n    a += 1\n\n    return a + b"


def test_takes_methods_without_their_indentation() -> None:
    text = module().decode().replace("\n", "\n    ")
    (function,) = functions_of("m", f"class Number:\n    {text}".encode())
    assert function.name == "Number.add"
    assert function.source.startswith("def add(a, b):\n    total")


def test_takes_the_first_line_of_a_long_docstring() -> None:
    (function,) = functions_of("m", module(docstring=f"{SUMMARY}\n\n    More of it."))
    assert function.summary == SUMMARY


def test_takes_a_coroutine() -> None:
    assert list(functions_of("m", module(before="async ")))


@pytest.mark.parametrize("lines", [1, 38])
def test_takes_a_body_at_either_bound_of_lines(lines: int) -> None:
    assert list(functions_of("m", module(body="a += 1\n    " * lines + "return a")))


REFUSED = {
    "a docstring alone": b'def f():\n    """Return nothing of any interest."""\n',
    "no docstring": b"def f(a):\n    a += 1\n    return a\n",
    "two lines": module(body="return a + b"),
    "forty-one lines": module(body="a += 1\n    " * 39 + "return a"),
    "too many characters": module(body=f"a += {'1' * 500}\n    return a"),
    "a summary of two lines": module(docstring="Return the sum\n    of both numbers."),
    "a summary without a period": module(docstring=SUMMARY.rstrip(".")),
    "a signature for a summary": module(docstring="Function add(a, b) -> number."),
    "a short summary": module(docstring="Return the number."),
    "a long summary": module(docstring=f"Return {'x' * 93}."),
    "a reserved word in the source": module(body="label = 'User: '\n    return label"),
    "a reserved word in the summary": module(docstring="Return what follows <image> in it."),
    "a notice of its own": module(before="# Copyright (c) somebody\n"),
    "a licence of its own": module(before="# Licensed under other terms\n"),
    "characters beyond ASCII": module(before="# é\n"),
    "tabulators": module(body="a = 1\n    b = '\t'"),
    "code beside the docstring": module(docstring=f'{SUMMARY}"""; (\n    a)\n    """'),
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_leaves_out(data: bytes) -> None:
    assert not list(functions_of("m", data))


def test_reads_a_tree_in_the_order_of_digests(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"m{number}.py").write_bytes(
            module(f"a += {number}\n    return a", f"Return the number plus {number}.")
        )
    functions = stdlib_functions(tmp_path)
    assert len(functions) == 5
    assert functions == sorted(functions, key=lambda function: function.digest)


def test_names_modules_as_they_are_imported(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_bytes(module())
    (tmp_path / "package" / "inner.py").write_bytes(module("b += 2\n    return b", "Add two to a number."))
    assert {function.module for function in stdlib_functions(tmp_path)} == {"package", "package.inner"}


@pytest.mark.parametrize("name", ["test/m.py", "lib2to3/m.py", "site-packages/m.py", "not-a-module.py"])
def test_leaves_out_what_is_not_the_library(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(module())
    assert stdlib_functions(tmp_path) == []


@pytest.mark.parametrize(
    "twin",
    [module(docstring="Add one number to another."), module("a += b\n    return a")],
    ids=["source", "summary"],
)
def test_takes_one_of_two_functions_with_the_same(tmp_path: Path, twin: bytes) -> None:
    (tmp_path / "one.py").write_bytes(module())
    (tmp_path / "two.py").write_bytes(twin)
    assert len(stdlib_functions(tmp_path)) == 1


def test_finds_the_library_of_the_running_interpreter() -> None:
    assert (stdlib_root() / "json" / "decoder.py").is_file()
