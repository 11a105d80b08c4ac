import { useLocalStorage } from '@mantine/hooks';

/** Who sits at this screen: asked once, kept in this browser; empty = nobody said yet. */
export function usePerson(): [name: string, setName: (name: string) => void] {
  const [name, setName] = useLocalStorage({ key: 'lineside.person', defaultValue: '', getInitialValueInEffect: false });
  return [name, setName];
}
