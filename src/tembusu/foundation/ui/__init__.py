"""What every screen is made of: tokens, page shells, components, forms, paging and the gallery.

A room extends a shell (``ui/list.html``, ``ui/record.html`` ...), fills it with components from
``{% load ui %}`` and holds no form HTML and no style of its own. The components take plain values
and the frozen dataclasses of ``ui.terms``; nothing here reads a room's tables. ``/ui/`` shows
every component in every state. Accessibility follows WCAG 2.2, level AA.
"""
