"""What the tests of API Gateway's management API share: recorded answers and how they are compared, small APIs."""
import datetime
import json
import os
import re

from tarn import SHARED, need, ok, skip

boto3, exceptions = need("boto3", "botocore.exceptions")
ClientError = exceptions.ClientError

# Debian's boto3 is older than the recorded answers: these members are new.
SESSION = boto3.Session()
shapes = SESSION._session.get_component("data_loader").load_service_model("apigateway", "service-2")["shapes"]
shapes["RestApi"]["members"].setdefault("rootResourceId", {"shape": "String"})
shapes["EndpointConfiguration"]["members"].setdefault("ipAddressType", {"shape": "String"})


def manager(stack):
    return stack.client("apigateway", session=SESSION, parameter_validation=False)


# ---- recorded answers: "<id:1>" stands for any text, the same each time; "datetime" for any time ----
RECORDED = {}
path = os.path.join(SHARED, "vectors", "apigateway_recorded.json")
if os.path.exists(path):
    for case in json.load(open(path))["cases"]:
        RECORDED[case["test"].split("::")[-1]] = case["content"]
else:
    skip("recorded answers", f"no {path}")
HOLE = re.compile(r"<[^<>]+>")


def equal(want, got, holes, at=""):
    """None, or where they differ."""
    if isinstance(want, dict) and isinstance(got, dict):
        keys = set(want) | set(got)
        for k in sorted(keys):
            if k == "HTTPHeaders":
                continue
            if k not in got or k not in want:
                return f"{at}/{k}: {'missing' if k not in got else 'not expected: ' + str(got[k])}"
            bad = equal(want[k], got[k], holes, f"{at}/{k}")
            if bad:
                return bad
        return None
    if isinstance(want, list) and isinstance(got, list):
        if len(want) != len(got):
            return f"{at}: {len(got)} items, not {len(want)}"
        for i, (w, g) in enumerate(zip(want, got)):
            bad = equal(w, g, holes, f"{at}[{i}]")
            if bad:
                return bad
        return None
    if isinstance(got, datetime.datetime):
        return None if want == "datetime" else f"{at}: a time, not {want}"
    if isinstance(want, str) and isinstance(got, str):
        parts = HOLE.findall(want)
        if parts:
            m = re.fullmatch("(.*?)".join(re.escape(x) for x in HOLE.split(want)), got, re.S)
            if not m:
                return f"{at}: {got!r} is not like {want!r}"
            for p, v in zip(parts, m.groups()):
                if re.search(r":\d+>$", p) and holes.setdefault(p, v) != v:
                    return f"{at}: {p} was {holes[p]!r}, now {v!r}"
            return None
        if want.replace("111111111111", "000000000000") == got:
            return None
    if at.endswith("schema") and isinstance(want, dict) and isinstance(got, str):
        return equal(want, json.loads(got), holes, at + "()")
    return None if want == got and type(want) is type(got) or want == got and not isinstance(want, bool) else f"{at}: {got!r}, not {want!r}"


def plain(answer):
    answer = dict(answer)
    meta = answer.pop("ResponseMetadata", {})
    code = meta.get("HTTPStatusCode")
    answer["ResponseMetadata"] = {"HTTPStatusCode": code}
    return answer


def call(fn, **kw):
    try:
        return plain(fn(**kw))
    except ClientError as e:
        return plain(e.response)


def parsed(part):
    """The recording shows a part's properties as an object; they are sent as text."""
    return dict(part, properties=json.loads(part["properties"]))


class Case:
    """A recorded test: each answer is compared with the one of the same name."""

    def __init__(self, name):
        self.name, self.holes, self.bad, self.n = name, {}, [], 0
        self.content = RECORDED.get(name)

    def see(self, key, answer, drop=()):
        self.n += 1
        if self.content is None or key not in self.content:
            if self.content is not None:
                self.bad.append(f"{key}: not recorded")
            return answer
        want = self.content[key]
        a, w = dict(answer), dict(want)
        if "ResponseMetadata" not in w:
            w["ResponseMetadata"] = {"HTTPStatusCode": 200}
        bad = equal(w, a, self.holes)
        if bad:
            self.bad.append(f"{key}: {bad}")
        return answer

    def done(self):
        ok(not self.bad, f"recorded: {self.name} ({self.n} answers)", "\n".join(self.bad))


def patch(*ops):
    out = []
    for op in ops:
        p = {"op": op[0], "path": op[1]}
        if len(op) > 2:
            p["value"] = op[2]
        out.append(p)
    return out


def api_with_root(c, name="x", **kw):
    a = c.create_rest_api(name=name, **kw)
    return a["id"], a["rootResourceId"]


def mock(c, i, r, verb="GET", body='{"ok": true}', status="200", **kw):
    base = dict(restApiId=i, resourceId=r, httpMethod=verb)
    c.put_method(authorizationType="NONE", **base, **kw)
    c.put_integration(type="MOCK", requestTemplates={"application/json": '{"statusCode": %s}' % status}, **base)
    c.put_method_response(statusCode=status, **base)
    c.put_integration_response(statusCode=status, responseTemplates={"application/json": body}, **base)
    return base
