"""Files of a share: stored all or none, and deleted without ever widening what a recipient may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from localsign.core.blobs import Arrived
from localsign.core.errors import BadInputError, NotFoundError
from localsign.core.work import Work
from localsign.secure_share.lifecycle import SHARE, ShareEvent
from localsign.secure_share.models import FileAccess, Recipient, SharedFile
from localsign.secure_share.service import notices, standing


@dataclass(frozen=True)
class Part:
    """A file that arrived in an upload."""

    name: str
    content_type: str
    arrived: Arrived


def check_room(work: Work, share_id: UUID, more: int = 1) -> None:
    """Refuse an upload that the share cannot take, before and after its body is read."""
    share = standing.read(work, share_id)
    SHARE.check(share, ShareEvent.CHANGE)
    most, there = work.house.settings.secure_share_max_files, len(work.look_up(SharedFile, "share_id", [share_id]))
    if there + more > most:
        raise BadInputError.of(
            "files", f"a share holds at most {most} files; this one has {there}, and {more} more came"
        )


def add(work: Work, share_id: UUID, parts: Sequence[Part], base_url: str) -> list[SharedFile]:
    """Store every part; equal names stay equal, as each file has its own id."""
    check_room(work, share_id, len(parts))
    share = standing.find(work, share_id)
    work.fire(SHARE, share, ShareEvent.CHANGE)
    files = []
    for part in parts:
        blob = work.keep(part.arrived)
        file = SharedFile(
            id=work.new_id(),
            share_id=share.id,
            name=part.name,
            content_type=part.content_type,
            digest=blob.digest,
            size=blob.size,
            created_at=work.now,
        )
        work.db.add(file)
        files.append(file)
    standing.settle(work, share)
    notices.invite_all(work, share, base_url)
    return files


def delete(work: Work, share_id: UUID, file_id: UUID) -> None:
    """Remove a file from the storage.

    Its id leaves the restrictions that name it, but for the last id of a recipient: an empty list would let them
    see everything, so that one stays, and they see nothing until the sender changes it (inferred).
    """
    share = standing.find(work, share_id)
    file = work.db.exec(select(SharedFile).where(SharedFile.id == file_id, SharedFile.share_id == share_id)).first()
    if file is None:
        raise NotFoundError(f"There is no file with the id {file_id} in this share.")
    work.fire(SHARE, share, ShareEvent.CHANGE)
    for recipient in work.db.exec(select(Recipient).where(Recipient.share_id == share.id)).all():
        others = [one for one in recipient.file_restrictions if one != str(file_id)]
        recipient.file_restrictions = others or recipient.file_restrictions
    remove(work, file)
    standing.settle(work, share)


def remove(work: Work, file: SharedFile) -> None:
    """Take out the row, what is known of its downloads, and its bytes if nothing else has the same."""
    for access in work.db.exec(select(FileAccess).where(col(FileAccess.file_id) == file.id)).all():
        work.db.delete(access)
    work.db.delete(file)
    work.flush()
    work.drop_unused(file.digest)
