/**
 * Charts as React components on d3-scale and d3-shape: for the console's pages and for the HTML reports. No browser is
 * needed to draw them, no Mantine, and no colours but those that the page's style sheet gives their classes.
 *
 * @module
 */
export {};
