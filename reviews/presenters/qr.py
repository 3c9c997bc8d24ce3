"""QR codes as SVG, drawn from the squares alone: no font, no picture, no network."""

import qrcode

QUIET = 4  # squares of white around, as the standard asks


def qr_svg(text: str) -> str:
    """Level M: readable with 15 of 100 squares spoiled, as by a stamp or a fold."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=QUIET)
    code.add_data(text)
    code.make()
    rows: list[list[bool]] = code.get_matrix()
    drawn = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    )
    size = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" '
        f'width="{size}" height="{size}" shape-rendering="crispEdges">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{drawn}"/></svg>'
    )
