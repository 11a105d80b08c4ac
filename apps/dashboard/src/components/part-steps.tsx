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
      <Step label="Newer part" isThere={newer !== undefined} onClick={() => step(newer)} Icon={IconArrowLeft} />
      <Step label="Older part" isThere={older !== undefined} onClick={() => step(older)} Icon={IconArrowRight} />
    </Group>
  );
}

interface StepProps {
  readonly label: string;
  readonly isThere: boolean;
  readonly onClick: () => void;
  readonly Icon: typeof IconArrowLeft;
}

function Step({ label, isThere, onClick, Icon }: StepProps) {
  return (
    <ActionIcon variant="default" size="lg" aria-label={label} disabled={!isThere} onClick={onClick}>
      <Icon size="1.1rem" aria-hidden="true" />
    </ActionIcon>
  );
}
