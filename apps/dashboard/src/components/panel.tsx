import type { ReactNode } from 'react';
import classes from './panel.module.css';

export interface PanelProps {
  readonly title: string;
  /** Controls at the right of the title. */
  readonly tools?: ReactNode;
  readonly children: ReactNode;
}

/** A titled surface: every block of the page is one. */
export function Panel({ title, tools, children }: PanelProps) {
  return (
    <section className={classes.panel} aria-label={title}>
      <div className={classes.head}>
        <h2 className={classes.title}>{title}</h2>
        {tools}
      </div>
      {children}
    </section>
  );
}
