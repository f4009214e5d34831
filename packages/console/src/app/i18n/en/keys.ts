export const keys = {
  title: 'Keys and audit',
};
