export const economics = {
  title: 'Economics',
};
