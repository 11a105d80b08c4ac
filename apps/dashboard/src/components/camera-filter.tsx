import { SegmentedControl, Select } from '@mantine/core';
import type { LiveCamera } from '#contracts';

const ALL = '';
/** More than fit side by side become a list. */
const SIDE_BY_SIDE = 5;

export interface CameraFilterProps {
  readonly cameras: readonly LiveCamera[];
  readonly camera: string | null;
  readonly onCamera: (camera: string | null) => void;
}

/** One camera, or all of them. */
export function CameraFilter({ cameras, camera, onCamera }: CameraFilterProps) {
  if (cameras.length < 2) return null;
  const data = [
    { value: ALL, label: 'All cameras' },
    ...cameras.map(({ camera: name }) => ({ value: name, label: name })),
  ];
  const props = { data, value: camera ?? ALL, 'aria-label': 'Camera' };
  const choose = (value: string | null): void => onCamera(value === ALL ? null : value);
  return cameras.length <= SIDE_BY_SIDE ? (
    <SegmentedControl {...props} onChange={choose} />
  ) : (
    <Select {...props} onChange={choose} allowDeselect={false} w="12rem" />
  );
}
