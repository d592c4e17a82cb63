"""A workbook's cells, as they lie in the file."""

import html
import io
import re
from zipfile import ZipFile


def sheets(data: bytes) -> list[str]:
    with ZipFile(io.BytesIO(data)) as book:
        return re.findall(r'<sheet name="([^"]*)"', book.read("xl/workbook.xml").decode())


def cells(data: bytes, sheet: int = 1) -> list[list[str]]:
    """The rows of a sheet as words. No cell may be a formula."""
    with ZipFile(io.BytesIO(data)) as book:
        text = book.read(f"xl/worksheets/sheet{sheet}.xml").decode()
    assert "<f>" not in text
    lines = re.findall(r"<row [^>]*>(.*?)</row>", text, re.DOTALL)
    return [
        [html.unescape(re.sub(r"<[^>]+>", "", one)) for one in re.findall(r"<c [^>]*>(.*?)</c>", line, re.DOTALL)]
        for line in lines
    ]
