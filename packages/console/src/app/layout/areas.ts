/**
 * Where the pages are, and their code, which is loaded when a page is first opened.
 *
 * @module
 */
import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import { loadCode } from '../lib/load-code.ts';
import { type AreaName, areaNames } from './area-names.ts';

type Page = LazyExoticComponent<ComponentType>;

const pages: Readonly<Record<AreaName, Page>> = {
  overview: lazy(() => loadCode(import('../pages/overview/page.tsx'))),
  tasks: lazy(() => loadCode(import('../pages/tasks/page.tsx'))),
  runs: lazy(() => loadCode(import('../pages/runs/page.tsx'))),
  students: lazy(() => loadCode(import('../pages/students/page.tsx'))),
  calls: lazy(() => loadCode(import('../pages/calls/page.tsx'))),
  playground: lazy(() => loadCode(import('../pages/playground/page.tsx'))),
  providers: lazy(() => loadCode(import('../pages/providers/page.tsx'))),
  economics: lazy(() => loadCode(import('../pages/economics/page.tsx'))),
  keys: lazy(() => loadCode(import('../pages/keys/page.tsx'))),
};

/** Under `/console`. */
const pathOf = (name: AreaName) => (name === 'overview' ? '/' : `/${name}`);

export const areas = areaNames.map((name) => ({ name, path: pathOf(name), page: pages[name] }));
