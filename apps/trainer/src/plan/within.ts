import { z } from 'zod';

/** A number within bounds, as plans have many. */
export const within = (low: number, high: number) => z.number().min(low).max(high);
