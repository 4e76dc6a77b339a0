import type { Article } from '../../../src/engine/rule.ts';

/** Facts of the article in our own words. */
export const article: Article = {
  id: 'Q228942',
  title: 'A WLBS host loses connectivity after NT 4.0 SP4',
  symptom:
    'Under load, a host of a Windows Load Balancing Service cluster stops serving clients although the cluster converges; or the cluster never converges, and a host does not even see itself.',
  cause:
    'NDIS of Service Pack 4 wrongly takes the WLBS driver to be out of resources, and no longer passes its packets to the adapter.',
  resolution: 'Install a service pack that corrects it (Terminal Server Edition SP6, or the NT 4.0 update).',
  products: [
    'Windows NT Server 4.0 SP4',
    'Windows NT Server 4.0, Terminal Server Edition',
    'Windows NT Load Balancing Service 1.0',
  ],
  related: [
    'Q152734',
    'Q193599',
    'Q193601',
    'Q193602',
    'Q193603',
    'Q197863',
    'Q198516',
    'Q214455',
    'Q217305',
    'Q232711',
    'Q232997',
    'Q258609',
  ],
};
