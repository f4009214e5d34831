export const students = {
  title: 'Students',
};
