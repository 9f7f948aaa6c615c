# Cortex-M4.
set(CPU -mcpu=cortex-m4 -mthumb)
set(FAMILY mps2)
