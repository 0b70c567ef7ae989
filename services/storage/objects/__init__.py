"""Object stores: immutable bytes under names, in a folder or in a bucket of an S3-compatible service."""

from services.storage.objects.base import ObjectStore
from services.storage.objects.folder import FolderObjects
from services.storage.objects.s3 import S3Objects, object_store

__all__ = ["FolderObjects", "ObjectStore", "S3Objects", "object_store"]
