"""Spaces of Hugging Face. All that goes over the network goes through huggingface_hub, which came with Gradio."""

from __future__ import annotations

from pathlib import Path

from cbir.errors import UploadError

LOGIN = "hf auth login"
AGAIN = "run the same command again: it goes on where it was"
REMEDIES = {
    401: f"the token is not known there; log in again with: {LOGIN}",
    402: "Spaces of this kind cost money there; choose a plan, or a user or organisation that has one",
    403: f"the token has no right to write there; log in with one that may write, with: {LOGIN}, "
    "and name a Space of your own or of an organisation that you belong to",
    404: "there is no such user, organisation or Space, or the token may not see it; check the name",
    429: f"too many requests; wait some minutes and {AGAIN}",
}
"""What to do about a status that the hub answers."""


def upload_space(folder: Path, space: str) -> str:
    """Bring all files of a folder to a Space, which is made, public, if it is not there; returns its address.

    What the Space has in the same folders and `folder` has not is removed from it; at its top, other files stay.
    Which files go as LFS or Xet is the hub's choice. A large folder arrives in several commits.

    space: USER/SPACE. Raises UploadError if nobody is logged in, or if the hub refuses it or cannot be reached.
    """
    from huggingface_hub import HfApi, get_token
    from huggingface_hub.errors import HfHubHTTPError

    try:
        if get_token() is None:
            raise UploadError(f"{space}: nobody is logged in to Hugging Face; log in with: {LOGIN}")
        api = HfApi()
        address = api.create_repo(space, repo_type="space", space_sdk="gradio", exist_ok=True)
        api.upload_folder(
            repo_id=space,
            repo_type="space",
            folder_path=folder,
            commit_message="Deploy the page",
            delete_patterns=[f"{path.name}/*" for path in sorted(folder.iterdir()) if path.is_dir()],
        )
    except UploadError:
        raise
    except HfHubHTTPError as error:
        raise UploadError(f"{space}: {_explain(error.response.status_code, error.server_message)}") from error
    except ValueError as error:  # of the name, or of what is at the head of README.md
        raise UploadError(f"{space}: not uploaded ({_on_one_line(error)}); mend what it names") from error
    except Exception as error:  # of the network, in classes that differ from version to version of huggingface_hub
        reason = _on_one_line(error) or type(error).__name__
        raise UploadError(f"{space}: not uploaded ({reason}); check the network, then {AGAIN}") from error
    return str(address)


def _explain(status: int, message: str | None) -> str:
    told = f"{status}: {_on_one_line(message)}" if message else str(status)
    remedy = REMEDIES.get(status, f"wait some minutes and {AGAIN}" if status >= 500 else "see what it says")
    return f"Hugging Face answers {told}; {remedy}"


def _on_one_line(text: object) -> str:
    return " ".join(str(text).split())
