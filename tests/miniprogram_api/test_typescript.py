"""The client for ``wx.request`` that is made from the document."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from miniprogram_api.api import ROUTES
from miniprogram_api.typescript import client

_USE = """
import { Client, Refused, type Case, type Problem } from "./client"
const one = new Client({ server: "https://x", token: () => "t", request: () => undefined })
export async function go(): Promise<Case> {
  const filed = await one.fileCase({ grid: "g", description: "d" }, "key")
  const number: number = filed.number
  const page = await one.listCases({ status: ["submitted"], limit: 5 })
  const next: string | null = page.next
  // @ts-expect-error there is no such action
  await one.actOnCase(number, { action: "eat" })
  // @ts-expect-error the grid is missing
  await one.fileCase({ description: "d" })
  try { await one.deleteMe({ confirm: "delete my account" }) } catch (why) {
    if (why instanceof Refused) { const code: Problem["code"] = why.problem.code; void code }
  }
  void next
  return one.showCase(number)
}
"""


def test_every_call_and_every_schema_is_in_it_once() -> None:
    made = client()
    methods = re.findall(r"^  (\w+)\(.*\): Promise<\w+> {$", made, re.MULTILINE)
    wanted = [re.sub(r"_(\w)", lambda found: found[1].upper(), route.name) for route in ROUTES]
    assert sorted(methods) == sorted(wanted)
    declared = re.findall(r"^export (?:interface|type|class) (\w+)", made, re.MULTILINE)
    assert len(declared) == len(set(declared))
    used = {name for name in re.findall(r"Promise<(\w+)>", made) if name not in {"T", "void", "string"}}
    assert used <= set(declared)


def test_the_compiler_finds_nothing_wrong_in_it(tmp_path: Path) -> None:
    compiler = shutil.which("tsc")
    if compiler is None:
        pytest.skip("there is no tsc here: npm install -g typescript")
    (tmp_path / "client.ts").write_text(client(), "utf-8")
    (tmp_path / "use.ts").write_text(_USE, "utf-8")
    strict = ["--strict", "--noEmit", "--target", "es2020", "--lib", "es2020", "client.ts", "use.ts"]
    found = subprocess.run([compiler, *strict], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert found.returncode == 0, found.stdout
