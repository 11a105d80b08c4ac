import { ActionIcon, type MantineColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';

const NEXT: Record<MantineColorScheme, MantineColorScheme> = { auto: 'light', light: 'dark', dark: 'auto' };
const LOOKS = {
  auto: { Icon: IconDeviceDesktop, label: 'Colours follow the system' },
  light: { Icon: IconSun, label: 'Light colours' },
  dark: { Icon: IconMoon, label: 'Dark colours' },
};

/** System, light, dark; the choice is remembered. */
export function ThemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { Icon, label } = LOOKS[colorScheme];
  const title = `${label}; change to ${LOOKS[NEXT[colorScheme]].label.toLowerCase()}`;
  return (
    <ActionIcon
      variant="default"
      size="lg"
      aria-label={title}
      title={title}
      onClick={() => setColorScheme(NEXT[colorScheme])}
    >
      <Icon size="1.2rem" aria-hidden="true" />
    </ActionIcon>
  );
}
