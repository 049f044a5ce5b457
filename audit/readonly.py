"""Administration pages that show and change nothing."""

from functools import reduce
from operator import or_
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """Rows that the product writes; administrators with the right to view them read them."""

    # Fields that are searched where somebody typed an identifier; `search_fields` are searched for anything else.
    identifier_fields: ClassVar[tuple[str, ...]] = ()
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds a row by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes a row by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes a row by hand."""
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search by identifier where one was typed: by index, not by the text of each row's identifier."""
        try:
            wanted = UUID(search_term.strip())
        except ValueError:
            results, may_have_duplicates = super().get_search_results(request, queryset, search_term)
            return results, may_have_duplicates
        return queryset.filter(
            reduce(or_, (Q(**{name: wanted}) for name in self.identifier_fields), Q())
        ), False
