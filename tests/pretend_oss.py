"""A bucket of OSS on loopback that checks every signature as Alibaba Cloud publishes it, and refuses what is not right.

Written from the documentation of version 4 signatures (in the header, in the address, in a form) and of PostObject,
not from an SDK. Only what Wangge uses is there.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from aiohttp import BodyPartReader, web

VERSION = "OSS4-HMAC-SHA256"
SKEW = timedelta(minutes=15)
LONGEST = timedelta(days=7)


class OssRefuses(Exception):  # noqa: N818
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


@dataclass
class Stored:
    data: bytes
    media_type: str
    at: datetime


@dataclass
class Bucket:
    name: str = "town"
    region: str = "cn-hangzhou"
    key_id: str = "LTAItest"
    key_secret: str = "a-secret"
    later: timedelta = timedelta()
    """How far OSS's clock is ahead of ours."""
    objects: dict[str, Stored] = field(default_factory=dict)
    fails: list[int] = field(default_factory=list)
    """Statuses of the next answers, whatever is asked."""
    calls: list[str] = field(default_factory=list)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.later

    def app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self.answer)
        return app

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(f"{request.method} {request.path}")
        try:
            return await self._answer(request)
        except OssRefuses as refused:
            body = f"<?xml version='1.0'?><Error><Code>{refused.code}</Code><Message>no</Message></Error>"
            named = base64.b64encode(body.encode()).decode()
            return web.Response(status=refused.status, text=body, headers={"x-oss-err": named})

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if self.fails:
            raise OssRefuses(self.fails.pop(0), "InternalError")
        key = request.path.lstrip("/")
        if request.host.startswith("127."):  # by address, so the bucket stands in the path
            bucket, _, key = key.partition("/")
            if bucket != self.name:
                raise OssRefuses(404, "NoSuchBucket")
        if request.method == "POST":
            return await self._form(request)
        self._check(request, key)
        if not key:
            return self._listed(request)
        if request.method == "PUT":
            return await self._put(request, key)
        if request.method == "DELETE":
            self.objects.pop(key, None)
            return web.Response(status=204)
        return self._got(request, key)

    async def _put(self, request: web.Request, key: str) -> web.Response:
        if request.headers.get("x-oss-forbid-overwrite") == "true" and key in self.objects:
            raise OssRefuses(409, "FileAlreadyExists")
        data = await request.read()
        self.objects[key] = Stored(data, request.headers.get("Content-Type", ""), self.now())
        return web.Response()

    def _got(self, request: web.Request, key: str) -> web.Response:
        found = self.objects.get(key)
        if found is None:
            raise OssRefuses(404, "NoSuchKey")
        headers = {"Last-Modified": format_datetime(found.at, usegmt=True), "Accept-Ranges": "bytes"}
        for name in ("cache-control", "content-disposition"):
            if f"response-{name}" in request.query:
                headers[name] = request.query[f"response-{name}"]
        headers["Content-Type"] = request.query.get("response-content-type", found.media_type)
        part = request.http_range
        if part.start is None:
            return web.Response(body=found.data, headers=headers)
        return web.Response(status=206, body=found.data[part], headers=headers)

    def _listed(self, request: web.Request) -> web.Response:
        prefix, most = request.query.get("prefix", ""), int(request.query.get("max-keys", "100"))
        names = sorted(name for name in self.objects if name.startswith(prefix))
        after = request.query.get("continuation-token", "")
        page = [name for name in names if name > after][:most]
        cut = bool(page) and page[-1] != names[-1]
        rows = "".join(
            f"<Contents><Key>{name}</Key><Size>1</Size><LastModified>{self.objects[name].at:%Y-%m-%dT%H:%M:%S.000Z}"
            "</LastModified></Contents>"
            for name in page
        )
        more = f"<NextContinuationToken>{page[-1]}</NextContinuationToken>" if cut else ""
        body = f"<ListBucketResult><IsTruncated>{str(cut).lower()}</IsTruncated>{more}{rows}</ListBucketResult>"
        return web.Response(text=body, content_type="application/xml")

    def _check(self, request: web.Request, key: str) -> None:
        if "x-oss-signature" in request.query:
            self._check_address(request, key)
            return
        version, _, said = request.headers.get("Authorization", "").partition(" ")
        given = dict(part.split("=", 1) for part in said.split(",")) if said else {}
        if version != VERSION or not {"Credential", "Signature"} <= set(given):
            raise OssRefuses(403, "AccessDenied")
        moment = self._moment(request.headers.get("x-oss-date", ""))
        if abs(self.now() - moment) > SKEW:
            raise OssRefuses(403, "RequestTimeTooSkewed")
        more = [name for name in given.get("AdditionalHeaders", "").split(";") if name]
        payload = request.headers.get("x-oss-content-sha256", "UNSIGNED-PAYLOAD")
        said = self._canonical(request, key, dict(request.query), more, payload)
        self._compare(given["Credential"], moment, self._to_sign(said, moment), given["Signature"])

    def _check_address(self, request: web.Request, key: str) -> None:
        query = dict(request.query)
        given = query.pop("x-oss-signature")
        if query.get("x-oss-signature-version") != VERSION or len(query) + 1 != len(request.query):
            raise OssRefuses(403, "AccessDenied")
        moment = self._moment(query.get("x-oss-date", ""))
        seconds = timedelta(seconds=int(query.get("x-oss-expires", "0")))
        more = [name for name in query.get("x-oss-additional-headers", "").split(";") if name]
        said = self._canonical(request, key, query, more, "UNSIGNED-PAYLOAD")
        self._compare(query.get("x-oss-credential", ""), moment, self._to_sign(said, moment), given)
        if not timedelta() < seconds <= LONGEST or moment - self.now() > SKEW or self.now() >= moment + seconds:
            raise OssRefuses(403, "AccessDenied")

    def _canonical(
        self, request: web.Request, key: str, query: Mapping[str, str], more: list[str], payload: str
    ) -> str:
        pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query.items())
        headers = {name.lower(): " ".join(value.split()) for name, value in request.headers.items()}
        signed = [
            name
            for name in sorted(headers)
            if name.startswith("x-oss-") or name in {"content-type", "content-md5"} or name in more
        ]
        return "\n".join(
            [
                request.method,
                quote(f"/{self.name}/{key}", safe="/-_.~"),
                "&".join(f"{name}={value}" if value else name for name, value in pairs),
                "".join(f"{name}:{headers[name]}\n" for name in signed),
                ";".join(sorted(more)),
                payload,
            ]
        )

    def _to_sign(self, canonical: str, moment: datetime) -> str:
        scope = f"{moment:%Y%m%d}/{self.region}/oss/aliyun_v4_request"
        return "\n".join([VERSION, f"{moment:%Y%m%dT%H%M%SZ}", scope, hashlib.sha256(canonical.encode()).hexdigest()])

    def _compare(self, credential: str, moment: datetime, to_sign: str, given: str) -> None:
        if credential != f"{self.key_id}/{moment:%Y%m%d}/{self.region}/oss/aliyun_v4_request":
            raise OssRefuses(403, "InvalidAccessKeyId")
        key = f"aliyun_v4{self.key_secret}".encode()
        for part in (f"{moment:%Y%m%d}", self.region, "oss", "aliyun_v4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        if not hmac.compare_digest(hmac.digest(key, to_sign.encode(), "sha256").hex(), given):
            raise OssRefuses(403, "SignatureDoesNotMatch")

    def _moment(self, text: str) -> datetime:
        try:
            return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise OssRefuses(403, "AccessDenied") from None

    async def _form(self, request: web.Request) -> web.Response:
        fields: dict[str, str] = {}
        data: bytes | None = None
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            assert isinstance(part, BodyPartReader)
            if part.name == "file":
                data = bytes(await part.read())
                break  # what stands after the file is not read
            fields[str(part.name).lower()] = await part.text()
        if data is None:
            raise OssRefuses(400, "InvalidArgument")
        self._check_form(fields, len(data))
        if fields.get("x-oss-forbid-overwrite") == "true" and fields["key"] in self.objects:
            raise OssRefuses(409, "FileAlreadyExists")
        self.objects[fields["key"]] = Stored(data, fields.get("x-oss-content-type", ""), self.now())
        return web.Response(status=int(fields.get("success_action_status", "204")))

    def _check_form(self, fields: dict[str, str], size: int) -> None:
        packed = fields.get("policy", "")
        moment = self._moment(fields.get("x-oss-date", ""))
        if fields.get("x-oss-signature-version") != VERSION:
            raise OssRefuses(403, "AccessDenied")
        # Of a form, the policy as it is packed is what is signed.
        self._compare(fields.get("x-oss-credential", ""), moment, packed, fields.get("x-oss-signature", ""))
        policy = json.loads(base64.b64decode(packed))
        if self.now() >= datetime.fromisoformat(policy["expiration"]) or moment - self.now() > SKEW:
            raise OssRefuses(403, "AccessDenied")
        bound = {"policy", "x-oss-signature"}
        for condition in policy["conditions"]:
            bound.add(self._check_condition(condition, fields, size))
        # Every field must be named by the policy.
        if not set(fields) <= bound:
            raise OssRefuses(403, "AccessDenied")

    def _check_condition(self, condition: Any, fields: dict[str, str], size: int) -> str:
        if isinstance(condition, dict):
            ((name, value),) = condition.items()
            if (self.name if name == "bucket" else fields.get(name.lower())) != value:
                raise OssRefuses(403, "AccessDenied")
            return str(name).lower()
        kind, name, value = condition
        if kind == "content-length-range":
            if size < name:
                raise OssRefuses(400, "EntityTooSmall")
            if size > value:
                raise OssRefuses(400, "EntityTooLarge")
            return "file"
        given = fields.get(name.lstrip("$").lower(), "")
        fits = {"eq": given == value, "starts-with": given.startswith(value)}.get(kind, False)
        if not fits:
            raise OssRefuses(403, "AccessDenied")
        return str(name).lstrip("$").lower()
