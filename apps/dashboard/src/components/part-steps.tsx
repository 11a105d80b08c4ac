import { ActionIcon, Group } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconArrowLeft, IconArrowRight } from '@tabler/icons-react';

export interface PartStepsProps<Item> {
  /** Newest first. */
  readonly items: readonly Item[];
  /** Of the one that is shown. */
  readonly row: number;
  /** False while the details are closed: the arrow keys are another's. */
  readonly isActive: boolean;
  readonly onStep: (to: Item) => void;
}

/** Steps to newer and older parts, by arrow keys too. */
export function PartSteps<Item>({ items, row, isActive, onStep }: PartStepsProps<Item>) {
  const newer = row > 0 ? items[row - 1] : undefined;
  const older = row >= 0 ? items[row + 1] : undefined;
  const step = (to: Item | undefined): void => {
    if (isActive && to !== undefined) onStep(to);
  };
  useHotkeys([
    ['ArrowLeft', () => step(newer)],
    ['ArrowRight', () => step(older)],
  ]);
  return (
    <Group justify="center" gap="xs">
      <ActionIcon
        variant="default"
        size="lg"
        aria-label="Newer part"
        disabled={newer === undefined}
        onClick={() => step(newer)}
      >
        <IconArrowLeft size="1.1rem" aria-hidden="true" />
      </ActionIcon>
      <ActionIcon
        variant="default"
        size="lg"
        aria-label="Older part"
        disabled={older === undefined}
        onClick={() => step(older)}
      >
        <IconArrowRight size="1.1rem" aria-hidden="true" />
      </ActionIcon>
    </Group>
  );
}
