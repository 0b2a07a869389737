"""Uploads: in every way, listed, counted, deleted, ended - and nobody else's."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Callable
from email.message import Message
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.conftest import FileServer, RunningServer
from tests.files import audio_bytes, image_bytes, video_bytes


def stream(client: httpx.Client, content: bytes, name: str = "photo.png", **form: str) -> httpx.Response:
    return client.post("/api/v1/files/upload/stream", files={"file": (name, content)}, data=form)


def data_of(response: httpx.Response) -> dict[str, Any]:
    body = response.json()
    assert (response.status_code, body["success"], body["code"], body["msg"]) == (200, True, 200, "ok")
    return body["data"]


def problem_of(response: httpx.Response) -> tuple[int, str, str]:
    body = response.json()
    assert body["success"] is False
    assert body["code"] == response.status_code
    assert body["data"] is None
    assert body["msg"] == body["error"]["message"]
    return response.status_code, body["error"]["code"], body["msg"]


def test_a_file_uploaded_as_a_form_comes_back_as_it_was(api: httpx.Client) -> None:
    content = image_bytes()
    data = data_of(stream(api, content, upload_path="holiday", file_name="beach.png"))
    assert data["file_id"].startswith("file-")
    assert (data["file_name"], data["original_name"], data["upload_path"]) == ("beach.png", "photo.png", "holiday")
    assert (data["file_size"], data["mime_type"]) == (len(content), "image/png")
    assert data["upload_time"] < data["expires_at"]
    for link in (data["file_url"], data["download_url"]):
        answer = httpx.get(link)
        assert answer.content == content
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert httpx.get(data["download_url"]).headers["content-disposition"].startswith("attachment")
    part = httpx.get(data["file_url"], headers={"Range": "bytes=4-9"})
    assert (part.status_code, part.content) == (206, content[4:10])


@pytest.mark.parametrize("form", [{"uploadPath": "a", "fileName": "b.png"}, {"upload_path": "a", "file_name": "b.png"}])
def test_both_spellings_of_the_fields_are_known(api: httpx.Client, form: dict[str, str]) -> None:
    data = data_of(stream(api, image_bytes(), **form))
    assert (data["upload_path"], data["file_name"]) == ("a", "b.png")


@pytest.mark.parametrize("prefix", ["", "data:image/jpeg;base64,", "data:;base64,"])
def test_base64_is_read_raw_and_as_a_data_url(api: httpx.Client, prefix: str) -> None:
    content = image_bytes(kind="JPEG")
    sent = {"base64_data": prefix + base64.b64encode(content).decode(), "file_name": "x.jpg"}
    data = data_of(api.post("/api/v1/files/upload/base64", json=sent))
    assert (data["mime_type"], data["file_name"]) == ("image/jpeg", "x.jpg")
    assert httpx.get(data["file_url"]).content == content


@pytest.mark.parametrize("sent", [{}, {"base64_data": ""}, {"base64_data": "%%%"}, {"base64_data": 5}, {"base64_data": "aGVsbG8="}, []])  # fmt: skip
def test_bad_base64_is_told(api: httpx.Client, sent: object) -> None:
    status, code, message = problem_of(api.post("/api/v1/files/upload/base64", json=sent))
    assert (status, code) == (400, "invalid_request")
    assert message


def test_a_url_is_fetched_by_the_server(media_api: httpx.Client, hosted: FileServer) -> None:
    url = hosted.put("song.mp3", audio_bytes(3, kind="mp3"))
    data = data_of(media_api.post("/api/v1/files/upload/url", json={"file_url": url}))
    assert (data["mime_type"], data["original_name"]) == ("audio/mpeg", "song.mp3")


@pytest.mark.rule("CB-02")
@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/x", "http://169.254.169.254/latest", "file:///etc/passwd", "nonsense", ""]
)
def test_a_url_inside_is_not_fetched(api: httpx.Client, url: str) -> None:
    status, code, message = problem_of(api.post("/api/v1/files/upload/url", json={"file_url": url}))
    assert (status, code) == (400, "invalid_request")
    assert message.startswith("file_url")


@pytest.mark.parametrize(
    ("content", "kind"),
    [(image_bytes(kind="GIF"), "image/gif"), (image_bytes(kind="WEBP"), "image/webp"), (video_bytes(), "video/mp4"), (video_bytes(container="mov"), "video/quicktime"), (audio_bytes(3), "audio/wave"), (audio_bytes(3, kind="flac"), "audio/flac")],
    ids=["gif", "webp", "mp4", "mov", "wav", "flac"],
)  # fmt: skip
def test_images_audio_and_video_are_taken_by_their_content(api: httpx.Client, content: bytes, kind: str) -> None:
    data = data_of(stream(api, content, "whatever.bin"))
    assert data["mime_type"] == kind
    served = httpx.get(data["file_url"])
    assert (served.content, served.headers["content-type"]) == (content, kind)


@pytest.mark.parametrize("content", [b"<html><script>alert(1)</script></html>", b"%PDF-1.7", b"MZ" + b"x" * 99, b"just text", image_bytes(kind="BMP")])  # fmt: skip
def test_anything_else_is_refused_whatever_it_is_called(api: httpx.Client, content: bytes) -> None:
    status, code, message = problem_of(stream(api, content, "photo.png"))
    assert (status, code) == (400, "invalid_request")
    assert "can be uploaded" in message


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\x.png", "a/b/c.png", "\x00\x01.png", "é漢字.png", "." * 50, ""]
)
def test_names_lead_nowhere(api: httpx.Client, name: str) -> None:
    data = data_of(stream(api, image_bytes(), "p.png", file_name=name, upload_path=name))
    assert "/" not in data["file_name"]
    assert ".." not in data["file_name"]
    assert data["file_name"]
    assert httpx.get(data["file_url"]).status_code == 200


@pytest.mark.parametrize(
    ("name", "saved_as"),
    [
        ("我的 cat.png", "我的 cat.png"), ('say "cheese"; 50%.png', 'say "cheese"; 50%.png'), ("plain.png", "plain.png"),
        ("a" * 200 + ".png", "a" * 116 + ".png"), ("我" * 200 + ".backup.jpeg", "我" * 115 + ".jpeg"), ("no ending", "no ending.png"),
    ],
)  # fmt: skip
def test_a_file_is_saved_under_the_name_that_it_came_with(api: httpx.Client, name: str, saved_as: str) -> None:
    data = data_of(
        api.post("/api/v1/files/upload/stream", files={"file": ("x.png", image_bytes())}, data={"file_name": name})
    )
    told = Message()
    told["Content-Disposition"] = httpx.get(data["download_url"]).headers["content-disposition"]
    assert (told.get_content_disposition(), told.get_filename()) == ("attachment", saved_as)


@pytest.mark.parametrize("disposition", ['name="file"', "name=\"file\"; filename*=UTF-8''cat.png"])
def test_a_part_of_a_form_that_is_no_file_is_told_what_one_is(api: httpx.Client, disposition: str) -> None:
    body = f"--b\r\nContent-Disposition: form-data; {disposition}\r\n\r\nx\r\n--b--\r\n".encode()
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    status, code, message = problem_of(api.post("/api/v1/files/upload/stream", content=body, headers=headers))
    assert (status, code) == (400, "invalid_request")
    assert message.startswith('file: must be a file with its name, such as name="file"; filename="photo.png"')
    assert "class" not in message


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("path", ["/v1/videos/generations?dry_run=true", "/api/v1/files/upload/url", "/api/v3/contents/generations/tasks"])  # fmt: skip
def test_a_byte_order_mark_changes_nothing(api: httpx.Client, path: str, coding: str) -> None:
    """PowerShell and .NET write one."""
    headers = {"Content-Type": "application/json"}
    text = '{"model": "猫", "file_url": "http://127.0.0.1/猫"}'
    plain, marked = (api.post(path, content=text.encode(each), headers=headers) for each in ("utf-8", coding))
    assert (marked.status_code, marked.json()["error"]) == (plain.status_code, plain.json()["error"])


def test_files_are_listed_in_pages_and_deleted(idle: RunningServer) -> None:
    with idle.client(idle.new_account("pages")) as client:
        ids = [data_of(stream(client, image_bytes(), f"{k}.png"))["file_id"] for k in range(5)]
        first = data_of(client.get("/api/v1/files/list", params={"page": 1, "pageSize": 2}))
        last = data_of(client.get("/api/v1/files/list?page=3&pageSize=2"))
        assert (first["total"], [f["file_id"] for f in first["files"]]) == (5, ids[:2:-1])
        assert [f["file_id"] for f in last["files"]] == ids[:1]
        quota = data_of(client.get("/api/v1/files/quota"))
        assert quota == {"used_files": 5, "max_files": 100, "remain_files": 95, "user_group": "default"}
        link = first["files"][0]["file_url"]
        assert data_of(client.delete(f"/api/v1/files/{ids[4]}")) == {"file_id": ids[4], "deleted": True}
        assert problem_of(client.delete(f"/api/v1/files/{ids[4]}"))[:2] == (404, "file_not_found")
        assert problem_of(httpx.get(link))[:2] == (403, "link_invalid")
        assert data_of(client.get("/api/v1/files/quota"))["used_files"] == 4
        for wrong in ("?page=0", "?pageSize=0", "?pageSize=101", "?page=x"):
            assert problem_of(client.get("/api/v1/files/list" + wrong))[:2] == (400, "invalid_request")


def test_files_are_found_by_name_content_and_whether_they_are_kept(idle: RunningServer) -> None:
    with idle.client(idle.new_account("finder")) as client:
        beach = data_of(stream(client, image_bytes(320, 320), "Beach_50%.png"))["file_id"]
        forest = data_of(stream(client, image_bytes(330, 330), "forest.png"))["file_id"]
        data_of(client.patch(f"/api/v1/files/{forest}", json={"kept": True}))
        digest = hashlib.sha256(image_bytes(320, 320)).hexdigest()

        def found(**params: str) -> list[str]:
            data = data_of(client.get("/api/v1/files/list", params=params))
            assert data["total"] == len(data["files"])
            return [file["file_id"] for file in data["files"]]

        assert found() == [forest, beach]
        assert found(search="beach") == found(search="_50%") == found(kept="false") == found(sha256=digest) == [beach]
        assert found(search="FOREST", kept="true") == [forest]
        assert found(search="%") == [beach]
        cafe = data_of(stream(client, image_bytes(340, 340), "cafe\u0301.png"))["file_id"]  # as macOS writes it
        assert found(search="caf\u00e9") == found(search="cafe\u0301") == [cafe]
        assert found(search="forest", sha256=digest) == found(sha256="0" * 64) == []
        assert problem_of(client.get("/api/v1/files/list", params={"sha256": "x"}))[0] == 400


def test_an_uploaded_video_has_a_picture_of_its_first_good_frame(idle: RunningServer) -> None:
    with idle.client(idle.new_account("filmer")) as client:
        sent = data_of(stream(client, video_bytes(num_frames=60), "clip.mp4"))
        video, told_at_once = sent["file_id"], sent["thumb_url"]
        sound = data_of(stream(client, audio_bytes(3), "song.wav"))["file_id"]
        [song, clip] = data_of(client.get("/api/v1/files/list"))["files"]
        assert (song["thumb_url"], clip["media"], clip["used_by"]) == (None, None, 0)
        assert clip["thumb_url"] == told_at_once == f"/api/v1/files/{video}/thumb", (
            "a path, wherever the page was loaded from"
        )
        thumb = client.get(clip["thumb_url"], follow_redirects=True)
        assert (thumb.status_code, thumb.headers["content-type"]) == (200, "image/webp")
        with Image.open(io.BytesIO(thumb.content)) as shown:
            measured = data_of(client.get("/api/v1/files/list"))["files"][1]["media"]
            assert shown.width / shown.height == pytest.approx(measured["width"] / measured["height"], rel=0.02)
        assert problem_of(client.get(f"/api/v1/files/{sound}/thumb"))[0] == 404
        with idle.client(idle.new_account("stranger")) as other:
            assert problem_of(other.get(f"/api/v1/files/{video}/thumb"))[0] == 404
        client.delete(f"/api/v1/files/{video}")
        assert problem_of(client.get(f"/api/v1/files/{video}/thumb"))[0] == 404
        assert not list((idle.data_dir / "objects" / "uploads").glob(f"{video}*"))


def test_files_of_another_account_are_not_to_be_seen(idle: RunningServer) -> None:
    with idle.client(idle.new_account("files")) as client, idle.client(idle.new_account("no files")) as other:
        file_id = data_of(stream(client, image_bytes()))["file_id"]
        assert data_of(other.get("/api/v1/files/list"))["total"] == 0
        assert problem_of(other.delete(f"/api/v1/files/{file_id}"))[:2] == (404, "file_not_found")
        assert data_of(client.get("/api/v1/files/list"))["total"] == 1


def test_what_a_dead_process_left_of_an_upload_is_removed(new_server: Callable[..., RunningServer]) -> None:
    server = new_server(OPENDANCE_WORK="false")
    left = server.data_dir / "work" / "upload-half"
    left.mkdir(parents=True)
    (left / "file").write_bytes(b"half")
    server.stop()
    new_server(server.key, OPENDANCE_WORK="false")
    assert not left.exists()


@pytest.mark.rule("AU-01")
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "upload/base64"), ("POST", "upload/stream"), ("POST", "upload/url"), ("GET", "list"), ("GET", "quota"), ("DELETE", "file-1")],
)  # fmt: skip
def test_every_call_needs_a_key(server: RunningServer, method: str, path: str) -> None:
    assert problem_of(httpx.request(method, f"{server.address}/api/v1/files/{path}"))[:2] == (401, "unauthorized")


def test_a_link_that_was_altered_leads_nowhere(api: httpx.Client) -> None:
    link = data_of(stream(api, image_bytes()))["file_url"]
    later = link.replace("ends=1", "ends=2")
    assert problem_of(httpx.get(later))[:2] == (403, "link_invalid")
    assert problem_of(httpx.get(link[:-2] + "00"))[:2] == (403, "link_invalid")
    results = link.replace("/api/v1/files/content/", "/v1/results/")  # a link of one kind opens nothing of another
    assert httpx.get(results).status_code in (403, 404)


@pytest.mark.rule("EP-03")
def test_a_file_over_100_mb_is_refused_on_its_way_in(api: httpx.Client) -> None:
    head = image_bytes()
    status, _, message = problem_of(stream(api, head + b"\x00" * (100 * 2**20)))
    assert status in (400, 413)
    assert "100 MB" in message or "101 MB" in message
