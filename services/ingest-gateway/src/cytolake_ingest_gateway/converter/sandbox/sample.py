"""The file that a new fork server parses first, so that later ones find everything warm."""

from __future__ import annotations

from cytolake_ingest_gateway.converter.sandbox.child import Request

SAMPLE = Request(
    # Synthetic, in the layout of a Vi-CELL BLU export; it never leaves this process.
    body=(
        "Sample ID,Cell count,Viable cells,Total (x10^6) cells/mL,Viable (x10^6) cells/mL,"
        "Viability (%),Average diameter (μm),Average viable diameter (μm),Average circularity,"
        "Average viable circularity,Average cells per image,Average background intensity,"
        "Bubble count,Cluster count,Images for analysis,Cell type,Minimum Diameter (μm),"
        "Maximum Diameter (μm),Images,Cell sharpness,Minimum circularity,Decluster degree,"
        "Aspiration cycles,Viable spot brightness (%),Viable spot area (%),Mixing cycles,"
        "Analysis date/time,Reanalysis date/time,Analysis by,Reanalysis by,Dilution,Wash,Tag\n"
        "SYNTHETIC-1,1000,900,1.0,0.9,90.0,12.0,12.0,0.9,0.9,10,100,0,0,100,Synthetic,6,30,100,7,"
        "0.1,Medium,3,50,5,3,01/02/2026 08:30:00,,synthetic,,1,Normal Wash,\n"
    ).encode(),
    name="synthetic.csv",
    vendor="BECKMAN_VI_CELL_BLU",
    timezone="UTC",
)
