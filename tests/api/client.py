"""A client that asks as a person, by token, and tells how it was answered."""

import json
from typing import Any

from django.test import Client
from rest_framework.authtoken.models import Token

from applicants.models import User


class Api:
    def __init__(self, user: User | None = None, language: str = "en") -> None:
        self.headers = {"Accept-Language": language}
        if user is not None:
            token, _new = Token.objects.get_or_create(user=user)
            self.headers["Authorization"] = f"Token {token.key}"
        self.client = Client()

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {} if body is None else {"data": json.dumps(body)}
        return self.client.generic(
            method,
            f"/api/{path}",
            content_type="application/json",
            headers=self.headers | {k.replace("_", "-"): v for k, v in headers.items()},
            **sent,
        )

    def get(self, path: str, status: int = 200) -> Any:
        return told(self.send("GET", path), status)

    def post(self, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        return told(self.send("POST", path, body or {}, **headers), status)

    def patch(self, path: str, body: Any, status: int = 200) -> Any:
        return told(self.send("PATCH", path, body), status)

    def delete(self, path: str, status: int = 204) -> Any:
        return told(self.send("DELETE", path), status)

    def upload(self, path: str, file: Any, status: int = 201) -> Any:
        response = self.client.post(f"/api/{path}", {"file": file}, headers=self.headers)
        return told(response, status)

    def download(self, path: str) -> bytes:
        response = self.client.get(f"/api/{path}", headers=self.headers)
        assert response.status_code == 200, response.content
        return b"".join(response.streaming_content) if response.streaming else response.content


def told(response: Any, status: int) -> Any:
    assert not response.streaming, "a file: use download"
    assert response.status_code == status, response.content.decode()
    return response.json() if response.content else None


def errors(answer: Any) -> dict[str | None, str]:
    assert all(isinstance(error["code"], str) for error in answer["errors"])
    return {error["attr"]: error["detail"] for error in answer["errors"]}
