/**
 * The students as the API tells of them.
 *
 * @module
 */
import type { FamilyTree } from '@kolben/distill';
import { useQuery } from '@tanstack/react-query';
import { api, read } from '../../lib/api.ts';

export const studentsKey = ['students'] as const;

// The client's types lose themselves in trees.
const askList = async () => {
  const { trees, places } = await read(api.students.$get());
  return { trees: trees as unknown as FamilyTree[], places };
};
const askOne = (id: string) => read(api.students[':id'].$get({ param: { id } }));

export type Students = Awaited<ReturnType<typeof askList>>;
export type Family = Students['trees'][number];
export type Place = Students['places'][number];
export type Student = Awaited<ReturnType<typeof askOne>>;
export type StudentFacts = NonNullable<Student['facts']>;
export type Measured = NonNullable<Student['measured']>;

export const useStudents = () => useQuery({ queryKey: [...studentsKey, 'list'], queryFn: askList });

export const useStudent = (id: string) =>
  useQuery({ queryKey: [...studentsKey, 'one', id], queryFn: () => askOne(id) });
