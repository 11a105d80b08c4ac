// The product fills networks by the same formula where it has no weights: `lineside weights export`.
export { type FormulaTensor, formulaPicture, formulaTensor } from '#model/weights/formula';
