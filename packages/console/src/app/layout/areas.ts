/**
 * Where the pages are, and their code, which is loaded when a page is first opened.
 *
 * @module
 */
import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import { type AreaName, areaNames } from './area-names.ts';

type Page = LazyExoticComponent<ComponentType>;

const pages: Readonly<Record<AreaName, Page>> = {
  overview: lazy(() => import('../pages/overview/page.tsx')),
  tasks: lazy(() => import('../pages/tasks/page.tsx')),
  runs: lazy(() => import('../pages/runs/page.tsx')),
  students: lazy(() => import('../pages/students/page.tsx')),
  calls: lazy(() => import('../pages/calls/page.tsx')),
  playground: lazy(() => import('../pages/playground/page.tsx')),
  providers: lazy(() => import('../pages/providers/page.tsx')),
  economics: lazy(() => import('../pages/economics/page.tsx')),
  keys: lazy(() => import('../pages/keys/page.tsx')),
};

/** Under `/console`. */
const pathOf = (name: AreaName) => (name === 'overview' ? '/' : `/${name}`);

export const areas = areaNames.map((name) => ({ name, path: pathOf(name), page: pages[name] }));
