# Cortex-M3.
set(CPU -mcpu=cortex-m3 -mthumb)
set(FAMILY lm3s6965evb)
